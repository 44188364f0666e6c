(window.fftData??={})["lens"]=JSON.parse('{"ages":[1370,0,1370,1370,0,1370,0],"milliseconds":[9,9,9,9,9,9,9],"newest":29925125,"rows":[10,4,5,5,4,-1,4]}');
