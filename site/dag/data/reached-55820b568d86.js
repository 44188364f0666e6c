(window.fftData??={})["reached"]=JSON.parse('[[1,3,2],[1,5]]');
